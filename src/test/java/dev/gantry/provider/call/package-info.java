/** Keys, and what must never be told of them. */
@NullMarked
package dev.gantry.provider.call;

import org.jspecify.annotations.NullMarked;
