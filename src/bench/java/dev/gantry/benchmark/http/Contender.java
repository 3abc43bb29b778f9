package dev.gantry.benchmark.http;

import java.io.IOException;

/** One HTTP client in question. */
interface Contender extends AutoCloseable {
    String name();

    /** Posts the body and reads the answer's; returns its length. */
    int call(byte[] body) throws Exception;

    @Override
    default void close() throws IOException {}
}
