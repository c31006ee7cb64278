"""The pages of the law library, made from its data: `python -m isoloss.report.library`."""
