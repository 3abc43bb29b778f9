/** What lanes take in a time, as it is configured and as providers say it. */
@NullMarked
package dev.gantry.limit;

import org.jspecify.annotations.NullMarked;
