/** What is to be said of {@code spring.kafka.*}, and what each client is given of it. */
@NullMarked
package dev.gantry.config.broker;

import org.jspecify.annotations.NullMarked;
