terraform {
  required_providers {
    notes = { source = "example/notes" }
  }
}

provider "notes" {
  folder = path.module
}

resource "notes_note" "milk" {
  title = provider::notes::title_of("Buy milk")
  text  = "Buy milk, two litres."
}

data "notes_text" "milk" {
  title = notes_note.milk.title
}

output "text" {
  value = data.notes_text.milk.text
}
