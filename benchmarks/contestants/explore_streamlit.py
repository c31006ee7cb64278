"""The view in Streamlit: `streamlit run explore_streamlit.py --server.port PORT`."""

import streamlit as st  # pyright: ignore[reportMissingImports]
from explore_task import TASK, answer

log_c = st.slider("log10 C", TASK["low"], TASK["high"], TASK["start"], TASK["step"])
text, figure = answer(log_c)
st.markdown(f"<p class='optimum'>{text}</p>", unsafe_allow_html=True)
st.plotly_chart(figure, key="curve")
