/** The recipes of db/analytics, run. */
@NullMarked
package dev.gantry.analytics;

import org.jspecify.annotations.NullMarked;
