/** What an attempt cost: price list and meter event; pure. */
@NullMarked
package dev.gantry.metering;

import org.jspecify.annotations.NullMarked;
