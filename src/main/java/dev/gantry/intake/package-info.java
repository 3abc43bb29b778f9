/** Takes records off Kafka, decodes them, holds back, and completes offsets out of order. */
@NullMarked
package dev.gantry.intake;

import org.jspecify.annotations.NullMarked;
