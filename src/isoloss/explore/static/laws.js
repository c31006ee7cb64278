// Put here by explore/page.py: the laws of a page as functions, made from their formulas. This file
// stands for them where modules are checked.

/** @type {Record<string, LawFunctions>} */
export const functions = {};
