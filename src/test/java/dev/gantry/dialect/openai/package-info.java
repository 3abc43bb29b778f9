/** What is sent and how answers are read, byte by byte. */
@NullMarked
package dev.gantry.dialect.openai;

import org.jspecify.annotations.NullMarked;
