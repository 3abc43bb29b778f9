package dev.gantry.operation;

import dev.gantry.inference.Operation;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** All operations; a next one is a class, and its line here. */
public final class Operations {
    public static final Operation CHAT = new Chat();
    public static final Operation RESPONSES = new Responses();
    public static final Operation EMBEDDINGS = new Embeddings();
    public static final Operation COMPLETIONS = new Completions();
    public static final Operation MODERATIONS = new Moderations();

    /** In the order in which people are told of them. */
    public static final List<Operation> ALL =
            List.of(CHAT, RESPONSES, EMBEDDINGS, COMPLETIONS, MODERATIONS);

    /** The urls, for people who gave another. */
    public static final String ALLOWED =
            ALL.stream().map(Operation::url).collect(Collectors.joining(", ", "one of ", ""));

    private Operations() {}

    public static Optional<Operation> of(String url) {
        return ALL.stream().filter(each -> each.url().equals(url)).findFirst();
    }
}
