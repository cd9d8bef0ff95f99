/** The conversation's elements. */
import "./error.js";
