package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One file of results. What stood there before is not touched until there is something better; a
 * file that would be empty is not made. Pipes and devices are written as they are.
 */
public final class ResultFile implements Closeable {
    private static final int BUFFER = 64 * 1024;
    private static final int MOST_LINKS = 40;
    private static final Set<String> OUTPUT = Set.of("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1");
    private static final Set<String> ERROR = Set.of("/dev/stderr", "/dev/fd/2", "/proc/self/fd/2");

    private final Path target;
    private final Replacement replacement;
    private @Nullable OutputStream stream;
    private @Nullable Path part;
    private boolean left;

    private ResultFile(Path target, Replacement replacement, @Nullable OutputStream stream) {
        this.target = target;
        this.replacement = replacement;
        this.stream = stream;
    }

    /** When a new text takes the place of an old one. */
    public enum Replacement {
        /** From then on it can be followed. */
        AT_FIRST_LINE,
        /** When all of it is there. */
        AT_END
    }

    /**
     * Opens it as far as that harms nothing.
     *
     * @throws IOException if it could not be written later, as far as can be told
     */
    static ResultFile open(Path path, Replacement replacement) throws IOException {
        Path target = follow(path.toAbsolutePath());
        if (isStream(target)) {
            return new ResultFile(target, replacement, buffered(openStream(target)));
        }
        Path folder = target.getParent();
        if (Files.isDirectory(target)) {
            throw new FileSystemException(path.toString(), null, "is a directory");
        }
        if (folder != null && !Files.isDirectory(folder)) {
            throw new NoSuchFileException(folder.toString());
        }
        Path written = Files.exists(target) || folder == null ? target : folder;
        if (!Files.isWritable(written)) {
            throw new AccessDeniedException(written.toString());
        }
        return new ResultFile(target, replacement, null);
    }

    /** Whether a path leads to a pipe, a device or one of this process's own streams. */
    public static boolean isStream(Path path) {
        Path absolute = path.toAbsolutePath();
        return isOwn(absolute)
                || (Files.exists(absolute)
                        && !Files.isRegularFile(absolute)
                        && !Files.isDirectory(absolute));
    }

    void write(byte[] line) throws IOException {
        boolean first = stream == null;
        OutputStream file = stream == null ? begin() : stream;
        writeLine(file, line);
        if (first && replacement == Replacement.AT_FIRST_LINE) {
            replace();
        }
    }

    void flush() throws IOException {
        if (stream != null) {
            stream.flush();
        }
    }

    /** All of the text is there: it takes the place of what was. */
    void complete() throws IOException {
        if (stream == null) {
            Files.deleteIfExists(target); // of another run, and not true of this one
            return;
        }
        replace();
    }

    /** Whether an older text was left in its place, where there was a new one. */
    boolean leftOld() {
        return left || part != null;
    }

    private OutputStream begin() throws IOException {
        OutputStream file = buffered(protectsOld() ? openPart() : Files.newOutputStream(target));
        stream = file;
        return file;
    }

    private boolean protectsOld() throws IOException {
        return Files.exists(target) && Files.size(target) > 0;
    }

    private OutputStream openPart() throws IOException {
        String suffix = Integer.toString(ThreadLocalRandom.current().nextInt(1 << 30), 36);
        Path beside = target.resolveSibling(target.getFileName() + "." + suffix + ".part");
        try {
            OutputStream file =
                    Files.newOutputStream(
                            beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            part = beside;
            keepPermissions(beside);
            return file;
        } catch (AccessDeniedException _) {
            // The folder is closed, the file is not: then it is written where it stands.
            return Files.newOutputStream(target);
        }
    }

    private void keepPermissions(Path fresh) throws IOException {
        var old = Files.getFileAttributeView(target, PosixFileAttributeView.class);
        if (old != null) {
            Files.setPosixFilePermissions(fresh, old.readAttributes().permissions());
        }
    }

    private void replace() throws IOException {
        flush();
        if (part != null) {
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            part = null;
        }
    }

    @Override
    public void close() throws IOException {
        OutputStream open = stream;
        if (open != null) {
            stream = null;
            open.close();
        }
        if (part != null) {
            left = true;
            Files.deleteIfExists(part);
            part = null;
        }
    }

    /** Where links lead, but not beyond one of the process's own streams. */
    private static Path follow(Path path) throws IOException {
        Path at = path;
        for (int hop = 0; hop < MOST_LINKS; hop++) {
            if (isOwn(at) || !Files.isSymbolicLink(at)) {
                return at;
            }
            at = at.resolveSibling(Files.readSymbolicLink(at));
        }
        throw new FileSystemLoopException(path.toString());
    }

    private static boolean isOwn(Path path) {
        String name = path.toString();
        return OUTPUT.contains(name)
                || ERROR.contains(name)
                || name.startsWith("/dev/fd/")
                || name.startsWith("/proc/");
    }

    private static OutputStream openStream(Path target) throws IOException {
        // Opened anew they would begin at their start, over what is printed there.
        if (OUTPUT.contains(target.toString())) {
            return shared(FileDescriptor.out);
        }
        return ERROR.contains(target.toString())
                ? shared(FileDescriptor.err)
                : Files.newOutputStream(target);
    }

    private static OutputStream shared(FileDescriptor stream) {
        return new FilterOutputStream(new FileOutputStream(stream)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
            }

            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    private static OutputStream buffered(OutputStream file) {
        return new BufferedOutputStream(file, BUFFER);
    }

    /** A line end inside a JSON text can only be white space; a line of the file must hold none. */
    private static void writeLine(OutputStream file, byte[] line) throws IOException {
        int start = 0;
        for (int i = 0; i < line.length; i++) {
            if (line[i] == '\n' || line[i] == '\r') {
                file.write(line, start, i - start);
                file.write(' ');
                start = i + 1;
            }
        }
        file.write(line, start, line.length - start);
        file.write('\n');
    }
}
