/** What is sent and how answers are read, byte by byte. */
@NullMarked
package dev.gantry.provider.openai;

import org.jspecify.annotations.NullMarked;
