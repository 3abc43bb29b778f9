/** How a request is changed for one lane, so that it is taken there: what is known, and learnt. */
@NullMarked
package dev.gantry.repair;

import org.jspecify.annotations.NullMarked;
