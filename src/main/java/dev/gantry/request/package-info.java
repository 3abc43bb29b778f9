/**
 * A record's bytes become a request, or one clear error that names the member and what is allowed.
 */
@NullMarked
package dev.gantry.request;

import org.jspecify.annotations.NullMarked;
