/** The conversation's elements. */
import "./chat.js";
import "./inspector.js";
