package dev.gantry.cli;

/** How a command ends, as the shell sees it. */
public enum ExitCode {
    SUCCEEDED(0),
    /** Neither the person nor a request is to blame: a full disk, a broker that refuses us. */
    TROUBLE(1),
    USAGE(2),
    SOME_FAILED(3),
    INTERRUPTED(4);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
