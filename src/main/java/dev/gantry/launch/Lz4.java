package dev.gantry.launch;

/**
 * Has the codec that Kafka reads and writes lz4 records with take its native form. Inside the
 * runnable jar it would else take one that Java 25 prints four lines of warnings about, and those
 * are no log lines and no part of a command's answer.
 */
final class Lz4 {
    private Lz4() {}

    /** To be called before the first Kafka client is made; without effect where it cannot be. */
    static void prepare() {
        try {
            // By name: it comes with the Kafka client, which does not hand it on for compiling.
            Class.forName("net.jpountz.util.Native").getMethod("load").invoke(null);
        } catch (ReflectiveOperationException | LinkageError _) {
            // No such library for this machine, or nowhere to unpack it: the warnings it is.
        }
    }
}
