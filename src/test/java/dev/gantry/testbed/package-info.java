/** Real parts for tests: one broker and one database shared by the whole run. */
@NullMarked
package dev.gantry.testbed;

import org.jspecify.annotations.NullMarked;
