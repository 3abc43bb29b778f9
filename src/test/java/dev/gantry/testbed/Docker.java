package dev.gantry.testbed;

import org.testcontainers.DockerClientFactory;

import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a Docker engine answers: then tests use containers, otherwise the embedded parts. */
final class Docker {
    private static final boolean ANSWERS = look();

    private Docker() {}

    static boolean answers() {
        return ANSWERS;
    }

    private static boolean look() {
        boolean possible =
                System.getenv("DOCKER_HOST") != null
                        || Files.exists(Path.of("/var/run/docker.sock"));
        return possible && DockerClientFactory.instance().isDockerAvailable();
    }
}
