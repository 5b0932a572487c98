package dev.credence.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/**
 * A page as a tree. It must be well-formed XML but for what scripts and styles hold, which a browser reads up to the end
 * tag: that is taken out first and kept aside.
 */
final class ParsedPage {
    private static final Pattern RAW = Pattern.compile("(<(script|style)\\b[^>]*>)(.*?)(</\\2)", Pattern.DOTALL);

    private final List<String> raw = new ArrayList<>();
    private final List<Element> elements = new ArrayList<>();

    ParsedPage(String html) {
        StringBuilder text = new StringBuilder();
        Matcher matcher = RAW.matcher(html);
        int from = 0;
        while (matcher.find()) {
            text.append(html, from, matcher.end(1))
                    .append("raw:")
                    .append(raw.size())
                    .append(matcher.group(4));
            raw.add(matcher.group(3));
            from = matcher.end();
        }
        text.append(html.substring(from));
        collect(parse(text.toString()));
    }

    private static Element parse(String text) {
        String declaration = "<!DOCTYPE html>";
        if (!text.startsWith(declaration)) {
            throw new AssertionError("the page does not start with " + declaration);
        }
        try {
            return DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(text.substring(declaration.length()))))
                    .getDocumentElement();
        } catch (SAXException | IOException | ParserConfigurationException e) {
            throw new AssertionError("not well-formed: " + e.getMessage(), e);
        }
    }

    private void collect(Element element) {
        elements.add(element);
        NodeList children = element.getChildNodes();
        for (int at = 0; at < children.getLength(); at++) {
            if (children.item(at) instanceof Element child) {
                collect(child);
            }
        }
    }

    List<Element> all(String tag) {
        return elements.stream().filter(e -> e.getTagName().equals(tag)).toList();
    }

    List<Element> withAttribute(String name) {
        return elements.stream().filter(e -> e.hasAttribute(name)).toList();
    }

    Element byId(String id) {
        return elements.stream()
                .filter(e -> e.getAttribute("id").equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no element has the id " + id));
    }

    List<String> textOfClass(String name) {
        return elements.stream()
                .filter(e -> e.getAttribute("class").equals(name))
                .map(e -> e.getTextContent().replaceAll("\\s+", " ").strip())
                .toList();
    }

    String script(String id) {
        return contentOf(byId(id));
    }

    /** What a script or a style holds. */
    String contentOf(Element element) {
        return raw.get(Integer.parseInt(element.getTextContent().substring("raw:".length())));
    }

    /** The attribute of the element or of the nearest around it that has it. */
    static Optional<String> inherited(Element element, String name) {
        for (Node node = element; node instanceof Element around; node = node.getParentNode()) {
            if (around.hasAttribute(name)) {
                return Optional.of(around.getAttribute(name));
            }
        }
        return Optional.empty();
    }

    static String describe(Element figure) {
        return figure.getAttribute("data-field") + " of " + figure.getAttribute("data-id") + " at prompt "
                + inherited(figure, "data-prompt") + ", step " + inherited(figure, "data-step");
    }
}
