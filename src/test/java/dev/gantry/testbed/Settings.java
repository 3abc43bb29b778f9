package dev.gantry.testbed;

import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Settings for tests, bound as a worker binds its own. */
public final class Settings {
    private Settings() {}

    /**
     * The shipped ones but for these.
     *
     * @param changes each {@code key=value}, the key below the record's prefix
     */
    public static <T> T shipped(Class<T> type, String... changes) {
        var source =
                new MapConfigurationPropertySource(
                        Arrays.stream(changes)
                                .map(each -> each.split("=", 2))
                                .collect(
                                        Collectors.toMap(
                                                each -> "at." + each[0], each -> each[1])));
        return new Binder(source)
                .bindOrCreate(
                        "at",
                        Bindable.of(type),
                        new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
    }
}
