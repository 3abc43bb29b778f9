/** One call to one model. Each dialect has a nested package that only this one may use. */
@NullMarked
package dev.gantry.provider;

import org.jspecify.annotations.NullMarked;
