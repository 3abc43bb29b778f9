package dev.gantry.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Puts into words what the file system says: Java's message is often the bare path. */
final class Trouble {
    private Trouble() {}

    static String of(IOException problem) {
        return switch (problem) {
            case NoSuchFileException e -> "no such file or directory: " + e.getFile();
            case AccessDeniedException e -> "permission denied: " + e.getFile();
            case FileSystemException e when e.getReason() != null ->
                    e.getFile() + ": " + e.getReason();
            default -> String.valueOf(problem.getMessage());
        };
    }
}
