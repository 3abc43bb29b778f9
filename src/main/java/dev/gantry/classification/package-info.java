/** Why a call failed: kind and scope, from typed facts first and text as a fallback; pure. */
@NullMarked
package dev.gantry.classification;

import org.jspecify.annotations.NullMarked;
