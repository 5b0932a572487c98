package dev.credence.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The frame of the page: head, title, table of contents, and the scripts at its end. */
final class Page {
    /** The chart library, whole: the smaller files lack custom series or the drawing of SVG. */
    static final String CHARTS = "/META-INF/resources/webjars/echarts/5.5.0/echarts.min.js";

    /** Nothing may be fetched, whatever the page holds. */
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    private Page() {}

    static void head(Html html, String title) {
        html.open("head")
                .empty("meta", "charset", "utf-8")
                .empty("meta", "http-equiv", "Content-Security-Policy", "content", POLICY)
                .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
                .empty("meta", "name", "color-scheme", "content", "light dark")
                .element("title", PromptText.line(title));
        html.open("style").trusted(resource("report.css")).close().close();
    }

    static void header(Html html, ReportDocument document) {
        html.open("header", "class", "top").open("div", "class", "top-line");
        html.element("span", "Credence " + document.provenance().version(), "class", "muted");
        html.element("button", "Dark", "type", "button", "id", "theme", "hidden", "hidden")
                .close();
        html.element("h1", PromptText.line(document.title())); // files have names of strangers, too
        if (document.audits().size() + (document.methods() == null ? 0 : 1) > 1) {
            contents(html, document);
        }
        html.open("noscript")
                .element(
                        "p",
                        "The drawings and the sorting of tables need JavaScript; every figure is in the tables without it.",
                        "class",
                        "notice")
                .close();
        html.close();
    }

    private static void contents(Html html, ReportDocument document) {
        html.open("nav", "aria-label", "Contents").open("ul", "class", "contents");
        if (document.methods() != null) {
            html.open("li").element("a", "Methods compared", "href", "#methods").close();
        }
        for (int index = 0; index < document.audits().size(); index++) {
            View view = new View(index, document.audits().get(index));
            html.open("li")
                    .element("a", view.named().name(), "href", "#" + view.anchor())
                    .text(" ");
            Badge.verdict(html, view.step().verdict().label());
            html.close();
        }
        html.open("li").element("a", "Provenance", "href", "#provenance").close();
        html.close().close();
    }

    static void scripts(Html html, String json) {
        html.open("script", "type", "application/json", "id", "credence-json")
                .trusted(Escape.json(json))
                .close();
        html.open("script").trusted(resource(CHARTS)).close();
        html.open("script").trusted(resource("report.js")).close();
    }

    static String resource(String name) {
        ClassLoader all = Page.class.getClassLoader(); // of modules, a class finds what is in its own alone
        try (InputStream in = name.startsWith("/")
                ? all.getResourceAsStream(name.substring(1))
                : Page.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("resource " + name + " cannot be read", e);
        }
    }
}
