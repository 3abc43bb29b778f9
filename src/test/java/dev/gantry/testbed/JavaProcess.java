package dev.gantry.testbed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts a class of this build in a JVM of its own. */
public final class JavaProcess {
    private JavaProcess() {}

    public static ProcessBuilder builder(
            List<String> jvmOptions, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(mainClass);
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }
}
