package dev.gantry.config.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.config.Environments;
import dev.gantry.config.SettingsBinder;
import dev.gantry.inference.LaneId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.stream.Stream;

/** What one configuration offers that another does not. */
class CatalogueChangeTest {
    private static final String BASE =
            """
            gantry:
              providers:
                sim:
                  tier: cloud
                  instances:
                    main: {base-url: "http://one:1/v1", api-key: sk-1}
                    spare: {base-url: "http://two:1/v1", api-key: sk-2, models: [small]}
                  models:
                    - {id: large, price: {input: 1, output: 2}}
                    - {id: small, price: {input: 1, output: 2}}
            """;

    @Test
    void theSameConfigurationChangesNothing() {
        CatalogueChange change = change(BASE);

        assertThat(change).isEqualTo(new CatalogueChange(List.of(), List.of(), List.of()));
    }

    @Test
    void lanesAreAddedAndRemoved() {
        CatalogueChange change =
                change(
                        BASE.replace("models: [small]", "models: [huge]")
                                .replace("id: large", "id: huge"));

        assertThat(change.added())
                .extracting(LaneId::value)
                .containsExactly("cloud:sim:main:inference:huge", "cloud:sim:spare:inference:huge");
        assertThat(change.removed())
                .extracting(LaneId::value)
                .containsExactly(
                        "cloud:sim:main:inference:large", "cloud:sim:spare:inference:small");
        assertThat(change.changed()).isEmpty();
    }

    /** Each concerns the lanes of one instance, or of one model, and no other. */
    @ParameterizedTest(name = "{0} becomes {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    http://one:1/v1             | http://three:1/v1          | main:large main:small
                    api-key: sk-2               | api-key: sk-3              | spare:small
                    id: large, price: {input: 1 | id: large, price: {input: 3 | main:large
                    id: small,                  | id: small, aliases: [tiny], | main:small spare:small
                    api-key: sk-2,              | api-key: sk-2, account: a, | spare:small
                    api-key: sk-2,              | api-key: sk-2, limits: {max-concurrent: 4}, | spare:small
                    id: small,                  | id: small, limits: {requests-per-minute: 60}, | main:small spare:small
                    """)
    void aLaneIsChangedByWhateverConcernsIt(String before, String after, String lanes) {
        assertThat(BASE).contains(before);

        CatalogueChange change = change(BASE.replace(before, after));

        assertThat(change.changed())
                .extracting(each -> each.instance() + ":" + each.model())
                .containsExactlyElementsOf(Stream.of(lanes.split(" ")).toList());
        assertThat(change.added()).isEmpty();
        assertThat(change.removed()).isEmpty();
    }

    private static CatalogueChange change(String yaml) {
        return CatalogueChange.between(catalog(BASE), catalog(yaml));
    }

    private static LaneCatalog catalog(String yaml) {
        return LaneCatalog.of(SettingsBinder.bind(Environments.of(yaml)));
    }
}
