package dev.gantry.routing;

import java.util.List;

/** How model names compare. */
final class ModelName {
    /** Opens every lane. */
    static final String AUTO = "auto";

    private static final List<String> REGIONS = List.of("us.", "eu.", "ap.");

    private ModelName() {}

    /** Without a region prefix: {@code us.claude} is {@code claude}. */
    static String canonical(String name) {
        for (String region : REGIONS) {
            if (name.startsWith(region) && name.length() > region.length()) {
                return name.substring(region.length());
            }
        }
        return name;
    }
}
