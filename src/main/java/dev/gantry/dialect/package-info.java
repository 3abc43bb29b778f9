/**
 * The wire protocols that providers speak, as pure functions: a request in OpenAI's form to what is
 * sent, what is answered to OpenAI's form. {@code openai} passes bodies on byte for byte.
 */
@NullMarked
package dev.gantry.dialect;

import org.jspecify.annotations.NullMarked;
