package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

/** A handful of lanes that differ in what routing looks at. */
final class SampleCatalogue {
    /** Why the route leads nowhere; fails where it does not. */
    static Route.DeadEnd deadEnd(Route route) {
        assertThat(route.way()).isInstanceOf(Route.DeadEnd.class);
        return (Route.DeadEnd) route.way();
    }

    static final Lane MINI =
            lane("frontier:openai:main:inference:gpt-mini")
                    .aliases("small")
                    .weight(150)
                    .rank(1)
                    .build();
    static final Lane MINI_TWO =
            lane("frontier:openai:backup:inference:gpt-mini").weight(140).rank(1).build();
    static final Lane LARGE = lane("frontier:openai:main:inference:gpt-large").weight(150).build();
    static final Lane QWEN =
            lane("local:vllm:gpu:inference:qwen").aliases("small").weight(110).build();
    static final Lane CLAUDE = lane("cloud:bedrock:us:inference:us.claude").weight(120).build();
    static final Lane VECTORS = lane("frontier:openai:main:embedding:vectors").weight(150).build();
    static final List<Lane> ALL = List.of(MINI, MINI_TWO, LARGE, QWEN, CLAUDE, VECTORS);

    private SampleCatalogue() {}

    static Route route(SettingsDraft settings, RequestBuilder request) {
        return new Router(ALL, settings.build()).route(request.build());
    }
}
