/**
 * Gantry: a fleet of Kafka workers for asynchronous LLM inference. Start reading at {@code
 * Application}.
 */
@NullMarked
package dev.gantry;

import org.jspecify.annotations.NullMarked;
