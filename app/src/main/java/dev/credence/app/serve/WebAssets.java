package dev.credence.app.serve;

import dev.credence.report.PageParts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The files of the page, all of them named here: there is no folder that a path could lead out of. */
final class WebAssets {
    private static final String SCRIPT = "text/javascript";

    static final Map<String, Asset> ALL = all();

    private WebAssets() {}

    /** One file, read when it is asked for. */
    record Asset(String type, Supplier<String> text) {
        WebAnswer answer() {
            return WebAnswer.of(type, text.get());
        }
    }

    private static Map<String, Asset> all() {
        Map<String, Asset> all = new LinkedHashMap<>();
        all.put("/", own("text/html", "index.html"));
        all.put("/assets/report.css", new Asset("text/css", PageParts::styles));
        all.put("/assets/report.js", new Asset(SCRIPT, PageParts::script));
        all.put("/assets/charts.js", new Asset(SCRIPT, PageParts::charts));
        all.put("/assets/page.css", own("text/css", "page.css"));
        all.put("/assets/icon.svg", own("image/svg+xml", "icon.svg"));
        for (String module :
                new String[] {"page", "tools", "runs", "audits", "compare", "logs", "experiments", "worlds", "work"}) {
            all.put("/assets/" + module + ".mjs", own(SCRIPT, module + ".mjs"));
        }
        return all;
    }

    private static Asset own(String type, String name) {
        return new Asset(type, () -> {
            try (InputStream in = WebAssets.class.getResourceAsStream(name)) {
                if (in == null) {
                    throw new IllegalStateException("resource " + name + " is not on the class path");
                }
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException("resource " + name + " cannot be read", e);
            }
        });
    }
}
