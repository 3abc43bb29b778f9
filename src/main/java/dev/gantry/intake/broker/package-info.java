/** What the broker says of topics and logs beside the consumer. */
@NullMarked
package dev.gantry.intake.broker;

import org.jspecify.annotations.NullMarked;
