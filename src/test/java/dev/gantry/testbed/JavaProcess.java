package dev.gantry.testbed;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Starts a class of this build in a JVM of its own. */
public final class JavaProcess {
    private static final String CLASS_PATH =
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    private JavaProcess() {}

    public static ProcessBuilder builder(
            List<String> jvmOptions, String mainClass, List<String> arguments) {
        return builder(jvmOptions, CLASS_PATH, mainClass, arguments);
    }

    /** The same without what tests add, such as their own logging: what the jar has. */
    static ProcessBuilder shipped(
            List<String> jvmOptions, String mainClass, List<String> arguments) {
        String classPath =
                Arrays.stream(CLASS_PATH.split(File.pathSeparator, -1))
                        .filter(each -> !each.endsWith("test-classes"))
                        .collect(Collectors.joining(File.pathSeparator));
        return builder(jvmOptions, classPath, mainClass, arguments);
    }

    private static ProcessBuilder builder(
            List<String> jvmOptions, String classPath, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath);
        command.add(mainClass);
        command.addAll(arguments);
        return new ProcessBuilder(command);
    }
}
