/** The OpenAI wire protocol, which most servers speak. */
@NullMarked
package dev.gantry.dialect.openai;

import org.jspecify.annotations.NullMarked;
