/** What a configuration offers, together with what instances list: lanes, their prices, a hash. */
@NullMarked
package dev.gantry.config.catalog;

import org.jspecify.annotations.NullMarked;
