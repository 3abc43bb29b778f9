package dev.gantry.chaos;

/** One way in which the world around the requests breaks. */
enum PlannedFault {
    BROKER_STOPPED(Subject.BROKER),
    BROKER_KILLED(Subject.BROKER),
    BROKER_FROZEN(Subject.BROKER),
    DATABASE_STOPPED(Subject.DATABASE),
    DATABASE_FROZEN(Subject.DATABASE),
    /** One worker; a new one takes its place at once. */
    WORKER_KILLED(Subject.WORKERS),
    /** One joins, and the one that lives longest is asked to stop and finishes what it can. */
    WORKER_REPLACED(Subject.WORKERS),
    /** All at once; new ones take their places. */
    EVERY_WORKER_KILLED(Subject.WORKERS),
    /** The same, in the moment when what is in the spool begins to leave it. */
    DRAIN_KILLED(Subject.WORKERS),
    /** One worker is killed; the one in its place has a clock that is an hour ahead. */
    CLOCK_AHEAD(Subject.WORKERS),
    /** The same, an hour behind. */
    CLOCK_BEHIND(Subject.WORKERS);

    private final Subject subject;

    PlannedFault(Subject subject) {
        this.subject = subject;
    }

    Subject subject() {
        return subject;
    }

    /** What breaks; a broken one cannot break again. */
    enum Subject {
        BROKER,
        DATABASE,
        WORKERS
    }
}
