package dev.gantry.routing;

/**
 * What is offered now, and how quickly it has answered of late. A request reads it once per call;
 * what is offered is replaced as a whole while requests are under way. Thread-safe.
 */
public final class Catalogue {
    private final LaneLatencies latencies;
    private volatile CatalogueSnapshot current;

    public Catalogue(CatalogueSnapshot first, LaneLatencies latencies) {
        this.latencies = latencies;
        current = first;
    }

    /** Of which nothing is known but what is offered. */
    public Catalogue(CatalogueSnapshot first) {
        this(first, new LaneLatencies(() -> 0));
    }

    public CatalogueSnapshot current() {
        return current;
    }

    public LaneLatencies latencies() {
        return latencies;
    }

    /** Requests that begin from now on find this one. */
    public void replace(CatalogueSnapshot next) {
        current = next;
    }
}
