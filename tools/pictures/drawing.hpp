// SPDX-License-Identifier: MIT
//! Drawing: an SVG in colours that are readable on light and dark backgrounds.
#pragma once

#include <string>

namespace pictures {

class Drawing {
    std::string body_;

    static std::string number(double value) {
        std::string digits = std::to_string(value);
        return digits.substr(0, digits.find('.') + 2);
    }
    static std::string escaped(const std::string& text) {
        std::string out;
        for (const char letter : text)
            out += letter == '<' ? "&lt;" : letter == '&' ? "&amp;" : std::string(1, letter);
        return out;
    }

  public:
    /// Classes are those of document().
    void text(double x, double y, const std::string& words, const std::string& classes = "") {
        body_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + classes +
                 "\">" + escaped(words) + "</text>\n";
    }
    void path(const std::string& classes, const std::string& data) {
        body_ += "<path class=\"" + classes + "\" d=\"" + data + "\"/>\n";
    }
    void line(const std::string& classes, double x1, double y1, double x2, double y2) {
        path(classes, "M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2));
    }
    void dot(const std::string& classes, double x, double y) {
        body_ += "<circle class=\"" + classes + "\" cx=\"" + number(x) + "\" cy=\"" + number(y) +
                 "\" r=\"5\"/>\n";
    }
    void box(double x, double y, double width, double height) {
        body_ += "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) +
                 "\" height=\"" + number(height) + "\" rx=\"6\"/>\n";
    }

    /// `title` is the text for screen readers.
    std::string document(int width, int height, const std::string& title) const {
        const std::string size = std::to_string(width) + " " + std::to_string(height);
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + "\" width=\"" +
               std::to_string(width) + "\" height=\"" + std::to_string(height) +
               "\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n<title>" +
               escaped(title) +
               "</title>\n<style>text{fill:#7d8590}.mid{text-anchor:middle}.strong{font-weight:"
               "bold;font-size:14px}path{fill:none;stroke:#7d8590;stroke-width:1.5}.a{stroke:"
               "#3b82f6;stroke-width:2}.b{stroke:#d97706;stroke-width:2}text.a,circle.a{fill:"
               "#3b82f6;stroke:none}text.b,circle.b{fill:#d97706;stroke:none}.message{"
               "stroke-dasharray:5 3}.message,.arrow{marker-end:url(#head)}.no{stroke:#ef4444;"
               "stroke-width:2}rect{fill:#7d859018;stroke:#7d8590}</style>\n<defs><marker "
               "id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
               "markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0.8L8 4L0 7.2z\" style=\"fill:"
               "#7d8590;stroke:none\"/></marker></defs>\n" +
               body_ + "</svg>\n";
    }
};

}  // namespace pictures
