/** Anthropic's Messages API. */
@NullMarked
package dev.gantry.dialect.anthropic;

import org.jspecify.annotations.NullMarked;
