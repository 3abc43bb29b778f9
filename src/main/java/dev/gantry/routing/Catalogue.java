package dev.gantry.routing;

/**
 * What is offered now. A request reads it once per call; it is replaced as a whole while requests
 * are under way. Thread-safe.
 */
public final class Catalogue {
    private volatile CatalogueSnapshot current;

    public Catalogue(CatalogueSnapshot first) {
        current = first;
    }

    public CatalogueSnapshot current() {
        return current;
    }

    /** Requests that begin from now on find this one. */
    public void replace(CatalogueSnapshot next) {
        current = next;
    }
}
