package dev.gantry.event;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.Listed;
import dev.gantry.inference.Change.Clamped;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Change.Renamed;

import java.util.Locale;

/** Writes how an attempt's request differed from what the caller wrote; nothing if it did not. */
final class AdaptedBody {
    private AdaptedBody() {}

    static void write(JsonBody body, Adaptation adaptation) {
        if (!adaptation.listed().isEmpty()) {
            body.array("adapted", list -> adaptation.listed().forEach(each -> entry(list, each)));
        }
    }

    private static void entry(JsonBody list, Listed listed) {
        list.element(
                body -> {
                    body.text("member", listed.change().member());
                    switch (listed.change()) {
                        case Dropped _ -> body.text("change", "dropped");
                        case Renamed(_, String to) -> body.text("change", "renamed").text("to", to);
                        case Clamped(_, long limit) ->
                                body.text("change", "clamped").number("limit", limit);
                    }
                    body.text("because", listed.because().name().toLowerCase(Locale.ROOT));
                });
    }
}
