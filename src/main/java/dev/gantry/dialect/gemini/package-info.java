/** Google's Gemini API. */
@NullMarked
package dev.gantry.dialect.gemini;

import org.jspecify.annotations.NullMarked;
