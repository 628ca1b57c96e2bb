/// Says hello: one action that reads a record, computes, and returns what is to be written.
#include <talon/plugin.hpp>

class Hello : public talon::Plugin {
 public:
  explicit Hello(talon::Host& host) : Plugin(host) {
    on_action("greeting.say", [this](talon::ActionRequest& request) { return say(request); });
  }

 private:
  talon::Result<talon::ChangeSet> say(const talon::ActionRequest& request) {
    TALON_TRY(const talon::Record greeting,
              request.records.get("greeting", request.id, {"id", "version", "name"}));
    TALON_TRY(const talon::Json settings, host().settings());
    const std::string text = std::string(settings["word"].string()) + ", " + greeting.text("name") + "!";

    talon::ChangeSet changes;
    changes.change("greeting", greeting.integer("id"), greeting.integer("version"),
                   {{"text", text}, {"state", "said"}});
    changes.event("greeting.said", "greeting", request.id);
    changes.answer(talon::Json::object({{"text", text}}));
    return changes;
  }
};

TALON_PLUGIN(Hello, "hello", "1.0.0");
