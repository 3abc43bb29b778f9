/** The OpenAI wire protocol, which most servers speak. */
@NullMarked
package dev.gantry.provider.openai;

import org.jspecify.annotations.NullMarked;
