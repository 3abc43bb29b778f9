package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.Quote;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

class LiveRouteTest {
    private static final Lane LOCAL = lane("local:a:x:inference:m").weight(200).build();
    private static final Lane OTHER = lane("local:b:x:inference:m").weight(100).build();
    private static final Lane MORE = lane("local:e:x:inference:m").build();
    private static final Lane CLOUD = lane("cloud:c:x:inference:m").weight(300).build();
    private static final Lane DENIED =
            lane("local:d:x:inference:gpt-m").aliases("m").weight(400).build();

    private final InferenceRequest request = request("m").build();
    private final Catalogue catalogue =
            new Catalogue(snapshot(settings().enterprisePrivacy().denied("gpt"), LOCAL, OTHER));

    @Test
    void keepsItsLanesAndFollowsWhatIsBehindThem() {
        LiveRoute route = new LiveRoute(catalogue, request);
        Lane renewed = lane("local:a:x:inference:m").weight(1).key("second").build();
        Lane keyless = lane("local:b:x:inference:m").key("second").withoutCredentials().build();

        catalogue.replace(snapshot(settings(), CLOUD, renewed, keyless));

        assertThat(route.last().lanes()).containsExactly(LOCAL, OTHER);
        assertThat(route.current().lanes()).containsExactly(renewed, OTHER);
        assertThat(route.last()).isSameAs(route.current());
        assertThat(route.inForce(renewed)).isTrue();
        assertThat(route.inForce(LOCAL)).isFalse();
        assertThat(route.inForce(OTHER)).isFalse();
    }

    @Test
    void aLaneHasThePriceOfTheAddressThatItIsCalledAt() {
        catalogue.replace(priced(Map.of(LOCAL.id(), "1", OTHER.id(), "1"), LOCAL, OTHER));
        LiveRoute route = new LiveRoute(catalogue, request);

        catalogue.replace(priced(Map.of(LOCAL.id(), "3"), LOCAL));

        assertThat(price(route.current(), LOCAL)).isEqualTo("3");
        assertThat(price(route.current(), OTHER)).as("of one that goes").isEqualTo("1");
        catalogue.replace(priced(Map.of(), LOCAL));
        assertThat(price(route.current(), LOCAL)).as("nobody knows it any more").isNull();
    }

    /** Whoever began while the cloud was closed stays in the house, whatever is loosened since. */
    @Test
    void whatWasClosedStaysClosed() {
        LiveRoute route = new LiveRoute(catalogue, request);

        catalogue.replace(snapshot(settings(), CLOUD, DENIED, OTHER));
        assertThat(route.reroute(request).lanes()).containsExactly(OTHER);
        assertThat(route.last().exclusions())
                .containsExactlyInAnyOrder(
                        new Exclusion(CLOUD, Filter.PRIVACY),
                        new Exclusion(DENIED, Filter.POLICY_DENIED));

        catalogue.replace(snapshot(settings().maxAttempts(7), CLOUD, DENIED));
        assertThat(route.reroute(request).way()).isInstanceOf(Route.DeadEnd.class);

        assertThat(new LiveRoute(catalogue, request).last().lanes())
                .as("a new request")
                .containsExactlyInAnyOrder(CLOUD, DENIED);
    }

    @Test
    void afterAWaitItTakesInWhatTheModelHasGotMeanwhile() {
        LiveRoute route = new LiveRoute(catalogue, request);
        Route before = route.last();

        catalogue.replace(snapshot(settings(), LOCAL));
        route.widen(request);
        assertThat(route.last()).as("there is less than before").isSameAs(before);

        catalogue.replace(snapshot(settings(), LOCAL, MORE, CLOUD, DENIED));
        route.widen(request);
        assertThat(route.last().lanes())
                .as("nothing of what was closed")
                .containsExactlyInAnyOrder(LOCAL, MORE);
    }

    private static @Nullable String price(Route route, Lane lane) {
        return route.prices().quote(lane.id()).map(Quote::version).orElse(null);
    }

    private static CatalogueSnapshot priced(Map<LaneId, String> versions, Lane... lanes) {
        PriceList list = PriceList.NONE;
        BigDecimal one = BigDecimal.ONE;
        for (var each : versions.entrySet()) {
            list =
                    PriceList.of(
                                    Map.of(each.getKey(), Price.of(one, one, one, one)),
                                    "config",
                                    each.getValue())
                            .over(list);
        }
        return CatalogueSnapshot.of(List.of(lanes), settings().build(), list, "v");
    }

    private static CatalogueSnapshot snapshot(SettingsDraft settings, Lane... lanes) {
        return CatalogueSnapshot.of(List.of(lanes), settings.build(), PriceList.NONE, "v");
    }
}
