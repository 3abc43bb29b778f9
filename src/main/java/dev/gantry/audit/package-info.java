/** What an attempt leaves on the record; pure. */
@NullMarked
package dev.gantry.audit;

import org.jspecify.annotations.NullMarked;
